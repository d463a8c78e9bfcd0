//! See the module `uploads` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("frontdesk-example-uploads");
    std::fs::create_dir_all(&folder)?;
    let (app, _sweeper) = example_forms::uploads::app(&folder).await?;
    example_forms::serve(app).await;
    Ok(())
}

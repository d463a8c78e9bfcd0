//! See the module `double_submit` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::double_submit::app().await?).await;
    Ok(())
}

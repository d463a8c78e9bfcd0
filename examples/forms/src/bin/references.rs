//! See the module `references` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::references::app().await?).await;
    Ok(())
}

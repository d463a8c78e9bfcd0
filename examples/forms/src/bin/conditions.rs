//! See the module `conditions` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::conditions::app().await?).await;
    Ok(())
}
